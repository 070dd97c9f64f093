"""The model of evenground once more, as an analyst would write it: xarray and ``fftconvolve``.

Whole maps, one convolution for each layer, formulas in full. Shares with the
package only what a plan changes at its own place (metres, square metres,
shares of traffic) and the tables of rates. It is what the compiled evaluation
is compared with: the same burden, and how much sooner.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from evenground.interventions.catalogue import read_effects
from evenground.interventions.emission import street_energy
from evenground.interventions.street_parts import own_metre
from evenground.interventions.traffic import street_changes
from evenground.names import (
    ACCESS,
    BURDEN_LAYERS,
    GREEN,
    HEAT,
    LAYERS,
    NO2,
    NOISE,
    PM25,
    RECEPTOR,
    X,
    Y,
)
from evenground.objectives.health import responses
from evenground.pipeline import Model
from evenground.sources.catalogue_rules import GROUNDS

Float = NDArray[np.float64]


class PlainModel:
    """Evaluates one plan after the other on whole maps."""

    def __init__(self, model: Model) -> None:
        self.model = model
        study, settings = model.study, model.settings.exposure
        self.cell_m = study.grid.cell_m
        self.side = study.site_m // self.cell_m
        self.today = model.baseline.exposure.astype(np.float64)
        self.effects = read_effects(model.settings.interventions)
        n_site = model.options.n_site[0] * model.options.n_site[1]
        self.changes = street_changes(
            study, n_site, model.options.interventions, model.settings.interventions
        )
        self.functions = responses(
            self._mean_ndvi(),
            settings,
            model.settings.health,
            model.settings.objectives.access_target_per_1000,
        )
        known = np.isfinite(study.ground.green).astype(float)
        self.kernel = {
            HEAT: self._disc(settings.heat_window_m),
            GREEN: self._disc(settings.green_window_m),
            NOISE: self._kernel(settings.noise_reach_m, self._line),
            NO2: self._kernel(settings.air_reach_m, self._plume),
            PM25: self._kernel(settings.air_reach_m, self._plume),
        }
        self.count = {
            layer: np.rint(self._convolve(known, layer)) * self.cell_m**2 for layer in (HEAT, GREEN)
        }
        traffic = study.streets.length_m * study.streets.flow_veh_day
        self.emission = {NOISE: self._by_class(street_energy(study.streets))}
        self.emission |= dict.fromkeys((NO2, PM25), self._by_class(traffic))
        self.total = {
            layer: self._convolve(self.emission[layer].sum(axis=0), layer)
            for layer in (NOISE, NO2, PM25)
        }
        self.demand = self._people_around()

    def burden(self, plan: NDArray[np.int16]) -> Float:
        """Return DALY per year of a plan (layer, neighbourhood), ``BURDEN_LAYERS``."""
        exposure = self.exposure(plan)
        receptors, dose = self.model.study.receptors, self.model.health.dose
        at = {
            Y: xr.DataArray(receptors.row, dims=RECEPTOR),
            X: xr.DataArray(receptors.col, dims=RECEPTOR),
        }
        people = self.model.study.group_residents
        out = np.zeros((len(BURDEN_LAYERS), people.shape[1]))
        heads = np.maximum(people.sum(axis=0), 1e-300)
        for k, channel in enumerate(dose.channels):
            layer = LAYERS[dose.layer[k]]
            response = xr.apply_ufunc(self.functions[channel], exposure[layer])
            felt = response.isel(at).to_numpy() * receptors.residents
            mean = np.bincount(receptors.neighbourhood, felt, people.shape[1]) / heads
            if layer in BURDEN_LAYERS:
                daly = (dose.coefficient[k] * people).sum(axis=0) * mean
                out[BURDEN_LAYERS.index(layer)] += daly
        return out

    def exposure(self, plan: NDArray[np.int16]) -> xr.Dataset:
        """Return the maps of every layer after a plan (y, x)."""
        settings = self.model.settings.exposure
        added = self._spread(self._sum(plan, "green_m2")) / self.side**2
        cooling = settings.heat_beta_degc * settings.heat_summer_factor
        heat = self.today[HEAT] - cooling * self._convolve(added, HEAT) / self.count[HEAT]
        green = self.today[GREEN] + self._convolve(added, GREEN) / self.count[GREEN]
        energy = 1.0 + settings.noise_street_share * self._changed(plan, NOISE)
        noise = self.today[NOISE] + 10.0 * np.log10(np.maximum(energy, 1e-6))
        parts = self.model.baseline.street_part
        no2 = self.today[NO2] + parts[NO2] * self._changed(plan, NO2)
        pm25 = self.today[PM25] + parts[PM25] * self._changed(plan, PM25)
        access = self.today[ACCESS] + self._reached(plan)
        arrays = (heat, noise, no2, pm25, green, access)
        return xr.Dataset(dict(zip(LAYERS, arrays, strict=True)))

    def _mean_ndvi(self) -> float:
        receptors, settings = self.model.study.receptors, self.model.settings.exposure
        share = self.today[GREEN].to_numpy()[receptors.row, receptors.col]
        mean = float(np.average(share, weights=receptors.residents))
        return settings.ndvi_offset + settings.ndvi_slope * mean

    def _kernel(self, reach_m: float, effect) -> Float:  # noqa: ANN001 - a function of metres
        n = int(reach_m / self.cell_m + 1e-9)
        offset = np.arange(-n, n + 1) * float(self.cell_m)
        distance = np.hypot(offset[:, None], offset[None, :])
        return np.where(distance <= reach_m, effect(distance), 0.0)

    def _disc(self, radius_m: float) -> Float:
        return self._kernel(radius_m, np.ones_like)

    def _line(self, metres: Float) -> Float:
        absorption = self.model.settings.exposure.air_absorption_db_m
        return 10.0 ** (-0.1 * absorption * metres) / np.maximum(metres, 7.5)

    def _plume(self, metres: Float) -> Float:
        return np.exp(-metres / self.model.settings.exposure.air_decay_m)

    def _convolve(self, values: Float, layer: str) -> Float:
        return fftconvolve(values, self.kernel[layer], mode="same")

    def _sum(self, plan: NDArray[np.int16], effect: str) -> Float:
        """Sum an effect of all options over the squares (y, x)."""
        options = self.model.options
        names = options.interventions.index[options.intervention]
        per_unit = np.array([self.effects.get((name, effect), 0.0) for name in names])
        option, part, share = options.spread.of(np.arange(plan.size))
        square = options.sites.parts.square[part]
        amount = (plan * options.step * per_unit)[option] * share
        total = np.bincount(square, amount, np.prod(options.n_site))
        return total.reshape(options.n_site)

    def _spread(self, sites: Float) -> Float:
        return sites.repeat(self.side, 0).repeat(self.side, 1)

    def _by_class(self, strength: Float) -> Float:
        """Emission of main and of local streets in each cell (class, y, x)."""
        study = self.model.study
        row = ((study.grid.top - study.streets.y) // self.cell_m).astype(int)
        col = ((study.streets.x - study.grid.left) // self.cell_m).astype(int)
        inside = (row >= 0) & (row < study.grid.shape[0]) & (col >= 0)
        inside &= col < study.grid.shape[1]
        out = np.zeros((2, *study.grid.shape))
        kind = np.where(study.streets.is_main, 0, 1)
        np.add.at(out, (kind[inside], row[inside], col[inside]), strength[inside])
        return out

    def _changed(self, plan: NDArray[np.int16], layer: str) -> Float:
        """Change of what streets give, as a share of what they give today (y, x)."""
        options = self.model.options
        change = np.zeros(2 * options.n_site[0] * options.n_site[1])
        for row, name in enumerate(options.interventions.index):
            for kind, changes in self.changes.get(name, {}).items():
                chosen = (options.intervention == row) & (options.ground == GROUNDS.index(kind))
                option, part, share = options.spread.of(np.flatnonzero(chosen))
                square = options.sites.parts.square[part]
                metres = plan[option] * options.use[option] * share
                for key, found in changes.items():
                    if key.removesuffix("_moved") == layer:
                        entry = options.interventions.loc[name]
                        own = own_metre(self.model.study, entry, kind, key)[part]
                        which, place, per_metre = found.on(square)
                        np.add.at(change, place, (metres * own)[which] * per_metre)
        main, local = change.reshape(2, *options.n_site)
        emission = self.emission[layer]
        given = emission[0] * self._spread(main) + emission[1] * self._spread(local)
        total = self.total[layer]
        heard = total > 1e-9 * total.max()
        return np.divide(self._convolve(given, layer), total, out=np.zeros_like(total), where=heard)

    def _catchment(self) -> Float:
        """Weight of a place in the middle of a site, from the first cell of the site on."""
        reach = self.model.settings.exposure.access_reach_m
        n = int(np.ceil(reach / self.cell_m))
        offset = (np.arange(-n, n + self.side) - (self.side - 1) / 2) * self.cell_m
        distance = np.hypot(offset[:, None], offset[None, :])
        edge = np.exp(-0.5)
        decay = (np.exp(-0.5 * (distance / reach) ** 2) - edge) / (1.0 - edge)
        return np.maximum(decay, 0.0)

    def _around(self, values: Float) -> Float:
        """Convolve with the catchment, of which the first cell of a site is the middle."""
        n = int(np.ceil(self.model.settings.exposure.access_reach_m / self.cell_m))
        whole = fftconvolve(values, self._catchment(), mode="full")
        return whole[n : n + values.shape[0], n : n + values.shape[1]]

    def _first_cells(self, sites: Float) -> Float:
        out = np.zeros(self.model.study.grid.shape)
        out[:: self.side, :: self.side] = sites
        return out

    def _people_around(self) -> Float:
        """Residents within reach of the middle of each site, weighted (y, x of sites)."""
        receptors = self.model.study.receptors
        people = np.zeros(self.model.study.grid.shape)
        np.add.at(people, (receptors.row, receptors.col), receptors.residents)
        # Looking from the site instead of from the home turns the kernel round.
        turned = self._around(people[::-1, ::-1])[::-1, ::-1]
        return turned[:: self.side, :: self.side]

    def _reached(self, plan: NDArray[np.int16]) -> Float:
        """Places per thousand residents that a plan brings (y, x)."""
        places = 1000.0 * self._sum(plan, "places")
        enough = self.demand >= 1.0
        supply = np.divide(places, self.demand, out=np.zeros_like(places), where=enough)
        return self._around(self._first_cells(supply))
