"""The shape of an invented town: neighbourhoods and their kinds, water, railway and parks.

Drawn in rings and sectors around an old centre, as Dutch towns grew, and then
bent so that nothing stays round or straight. Borders of neighbourhoods follow
the same rings and radials as the main roads and the canal. Knows nothing of
files, people or exposure.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from evenground.miniature.kinds import KINDS, Kind
from evenground.miniature.size import BOTTOM_M, LEFT_M, Float, MiniatureSize

BEYOND = 2.2
"""Radius at which every radial has left the map; the edge of the town is at one."""
LOBES = ((2, 0.04), (3, 0.05), (5, 0.04), (8, 0.03))
"""How often the edge of a town swings out, and by which part of its radius."""
SHIFT = 0.16
"""How far the old centre lies from the middle of the map, as a part of half its shorter side."""


@dataclass(frozen=True)
class Plane:
    """From radius (0-1) and angle in the drawing to metres in EPSG:28992."""

    size: MiniatureSize
    phase: Float

    def xy(self, radius: Float | float, angle: Float | float) -> Float:
        """Return points (point, 2); a round centre, and an edge that fills the map."""
        half = np.array([self.size.width_m, self.size.height_m]) / 2.0
        rho, turn = np.broadcast_arrays(*np.atleast_1d(radius, angle))
        way = np.column_stack([np.cos(turn), np.sin(turn)])
        rho, turn = rho[:, None], turn[:, None]
        wave = 1.0 + sum(
            height * np.sin(k * turn + phase)
            for (k, height), phase in zip(LOBES, self.phase, strict=True)
        )
        full = 0.80 * half * wave * np.sign(way) * np.abs(way) ** 0.8
        aside = np.array([np.cos(self.phase[0]), np.sin(self.phase[0])])
        flat = rho * ((1.0 - rho) * 0.8 * half.min() * way + rho * full)
        # The old centre lies off the middle, since a town grows where there is room.
        flat = flat + SHIFT * half.min() * np.maximum(1.0 - rho, 0.0) * aside
        # The swing is short against its wave length, so that no two lines ever cross.
        length = 1.6 * half.min()
        swing = np.sin(2.0 * np.pi * flat[:, ::-1] / length + self.phase[:2])
        corner = np.array([LEFT_M, BOTTOM_M])
        return np.asarray(corner + half + flat + 0.07 * half.min() * swing)


@dataclass(frozen=True)
class Rings:
    """Rings around the centre, and the angles at which each is divided."""

    edges: Float
    """Radius of each border, from 0 to 1."""
    dividers: tuple[Float, ...]
    """Angles of each ring, rising from 0 to two pi."""
    radials: Float
    """Angles that divide every ring but the first."""

    @property
    def has_moat(self) -> bool:
        """True for a town large enough for an old centre within a moat."""
        return len(self.dividers) > 1


@dataclass(frozen=True)
class Town:
    """Shapes of a town, in metres in EPSG:28992."""

    size: MiniatureSize
    plane: Plane
    rings: Rings
    kinds: tuple[str, ...]
    """Of each neighbourhood, a name in ``KINDS``."""
    sectors: tuple[int, ...]
    """District of each neighbourhood: 0 for the centre, then by radials."""
    neighbourhoods: tuple[shapely.Polygon, ...]
    canal: shapely.MultiPolygon
    """Also beyond the town, to the edge of the map."""
    canal_angles: tuple[float, ...]
    """Radials that are canal, not road."""
    railway: shapely.LineString
    parks: tuple[shapely.Polygon, ...]
    ponds: tuple[shapely.Polygon, ...]

    def kind(self, neighbourhood: int) -> Kind:
        """Return how a neighbourhood is built."""
        return KINDS[self.kinds[neighbourhood]]


def build_town(size: MiniatureSize, rng: np.random.Generator) -> Town:
    """Draw a town without its streets and buildings."""
    plane = Plane(size, rng.uniform(0.0, 2.0 * np.pi, len(LOBES)))
    rings = _rings(size.neighbourhoods, rng)
    canal, canal_angles = _canal(plane, rings, rng)
    railway, station = _railway(plane, rings, canal_angles[0])
    cells = _cells(rings)
    industry = _middle(canal_angles[0], station)
    kinds = _kinds(cells, industry, rng)
    sectors = [_sector(rings, *cell) for cell in cells]
    order = sorted(range(len(cells)), key=lambda k: (sectors[k], k))
    cells, kinds = [cells[k] for k in order], tuple(kinds[k] for k in order)
    whole = [_outline(plane, rings, *cell) for cell in cells]
    neighbourhoods = tuple(_largest(shape.difference(canal)) for shape in whole)
    parks, ponds = _parks(kinds, neighbourhoods, railway, rng)
    return Town(
        size=size,
        plane=plane,
        rings=rings,
        kinds=kinds,
        sectors=tuple(sectors[k] for k in order),
        neighbourhoods=neighbourhoods,
        canal=canal,
        canal_angles=canal_angles,
        railway=railway,
        parks=parks,
        ponds=ponds,
    )


def _rings(count: int, rng: np.random.Generator) -> Rings:
    """Share neighbourhoods out over rings, by area, and each ring over sectors."""
    n_ring = max(1, round(np.sqrt(count / 3.2)))
    ideal = count * (2.0 * np.arange(n_ring) + 1.0) / n_ring**2
    per_ring = np.floor(ideal).astype(int)
    per_ring[np.argsort(per_ring - ideal, kind="stable")[: count - per_ring.sum()]] += 1
    n_radial = int(min(8, per_ring[0] if n_ring == 1 else per_ring[1]))
    step = 2.0 * np.pi / n_radial
    at = np.arange(n_radial) + rng.uniform(-0.22, 0.22, n_radial) + rng.uniform(0.3, 0.7)
    radials = np.sort(at * step % (2.0 * np.pi))
    first = radials
    if n_ring > 1:
        turn = rng.uniform(0.0, 2.0 * np.pi)
        first = np.sort((turn + np.arange(per_ring[0]) / per_ring[0] * 2.0 * np.pi) % (2.0 * np.pi))
    others = [_divide(radials, n, rng) for n in per_ring[1:]]
    return Rings(np.linspace(0.0, 1.0, n_ring + 1), (first, *others), radials)


def _divide(radials: Float, count: int, rng: np.random.Generator) -> Float:
    """Return the radials and angles between them, more in the wider gaps."""
    gap = np.diff(radials, append=radials[0] + 2.0 * np.pi)
    parts = np.ones(radials.size, int)
    for _ in range(count - radials.size):
        parts[np.argmax(gap / parts)] += 1
    angles = [
        start + width * (k + (rng.uniform(-0.15, 0.15) if k else 0.0)) / n
        for start, width, n in zip(radials, gap, parts, strict=True)
        for k in range(n)
    ]
    return np.sort(np.array(angles) % (2.0 * np.pi))


def _cells(rings: Rings) -> list[tuple[int, float, float]]:
    """Return ring, first and last angle of each neighbourhood, from the centre outwards."""
    return [
        (ring, float(first), float(last))
        for ring, angles in enumerate(rings.dividers)
        for first, last in zip(angles, np.roll(angles, -1), strict=True)
    ]


def _outline(plane: Plane, rings: Rings, ring: int, first: float, last: float) -> shapely.Polygon:
    """Draw one neighbourhood; neighbours share every point of their border."""
    outer = plane.xy(float(rings.edges[ring + 1]), _arc(rings, ring, first, last, outwards=1))
    steps = np.linspace(rings.edges[ring], rings.edges[ring + 1], 7)
    if first == last:
        return shapely.Polygon(outer)
    up, down = plane.xy(steps, first), plane.xy(steps, last)[::-1]
    inner = plane.xy(float(rings.edges[ring]), _arc(rings, ring, first, last, outwards=0))[::-1]
    return shapely.Polygon(np.vstack([up, outer[1:], down[1:], inner[1:-1]]))


def _arc(rings: Rings, ring: int, first: float, last: float, *, outwards: int) -> Float:
    """Angles along a border, with the corners of the neighbourhoods on both sides of it."""
    even = np.arange(360) / 360.0 * 2.0 * np.pi
    sides = [rings.dividers[ring]]
    beside = ring + (1 if outwards else -1)
    if 0 <= beside < len(rings.dividers):
        sides.append(rings.dividers[beside])
    angles = np.unique(np.concatenate([even, *sides]))
    ahead = (angles - first) % (2.0 * np.pi)
    span = (last - first) % (2.0 * np.pi)
    if span == 0.0:
        return np.asarray(angles[np.argsort(ahead, kind="stable")])
    chosen = np.flatnonzero(ahead <= span)
    chosen = chosen[angles[chosen] != last]
    return np.append(angles[chosen[np.argsort(ahead[chosen], kind="stable")]], last)


def _sector(rings: Rings, ring: int, first: float, last: float) -> int:
    """District: the old centre, or the space between two radials."""
    if ring == 0 and rings.has_moat:
        return 0
    middle = (first + ((last - first) % (2.0 * np.pi)) / 2.0) % (2.0 * np.pi)
    return 1 + int(np.searchsorted(rings.radials, middle)) % rings.radials.size


def _largest(shape: shapely.Geometry) -> shapely.Polygon:
    """Return the largest part of a shape that water may have cut."""
    return max(shapely.get_parts(shape), key=shapely.area)


def _middle(one: float, other: float) -> float:
    """Angle halfway between two."""
    return float(np.angle(np.exp(1j * one) + np.exp(1j * other)))


def _off(angle: float, other: float) -> float:
    """Difference between two angles, from zero to pi."""
    return float(np.abs(np.angle(np.exp(1j * (angle - other)))))


def _canal(
    plane: Plane, rings: Rings, rng: np.random.Generator
) -> tuple[shapely.MultiPolygon, tuple[float, ...]]:
    """Draw a moat around the old centre, and a canal to it from either side of the map."""
    n = rings.radials.size
    start = int(rng.integers(n))
    angles = tuple(dict.fromkeys(float(rings.radials[k % n]) for k in (start, start + n // 2)))
    half = float(np.clip(0.004 * plane.size.width_m, 3.0, 16.0))
    inner = float(rings.edges[1]) if rings.has_moat else 0.0
    # A town of one neighbourhood has a harbour: a canal through it would cut it in two.
    inner = 0.6 if sum(d.size for d in rings.dividers) == 1 else inner
    steps = np.linspace(inner, BEYOND, 80)
    parts = [shapely.LineString(plane.xy(steps, angle)).buffer(half) for angle in angles]
    if rings.has_moat:
        moat = shapely.LinearRing(plane.xy(inner, np.linspace(0.0, 2.0 * np.pi, 361)[:-1]))
        parts.append(moat.buffer(0.7 * half))
    water = shapely.union_all(parts).intersection(plane.size.canvas.box)
    return shapely.MultiPolygon(list(shapely.get_parts(water))), angles


def _railway(plane: Plane, rings: Rings, canal: float) -> tuple[shapely.LineString, float]:
    """Draw a railway past the old centre, and return where it leaves the town."""
    heading = canal + 0.5
    edges = rings.edges
    at = 0.55 * edges[1] + 0.45 * edges[2] if rings.has_moat else 0.5
    station = plane.xy(float(at), heading + np.pi / 2.0)[0]
    along = np.linspace(-1.0, 1.0, 60)
    far = float(np.hypot(plane.size.width_m, plane.size.height_m))
    way, aside = (np.array([np.cos(h), np.sin(h)]) for h in (heading, heading + np.pi / 2.0))
    bend = 0.03 * min(plane.size.width_m, plane.size.height_m) * along**2 * 8.0
    line = shapely.LineString(station + far * along[:, None] * way + bend[:, None] * aside)
    return max(
        shapely.get_parts(line.intersection(plane.size.canvas.box)), key=shapely.length
    ), heading


def _kinds(
    cells: list[tuple[int, float, float]], industry: float, rng: np.random.Generator
) -> tuple[str, ...]:
    """Choose how each neighbourhood is built: by its age, and by how far it is from industry."""
    count = len(cells)
    middles = [first + ((last - first) % (2.0 * np.pi)) / 2.0 for _, first, last in cells]
    angles = [_off(middle, industry) for middle in middles]
    newest = industry + np.pi + rng.uniform(-0.7, 0.7)
    kinds = []
    for k, (middle, off) in enumerate(zip(middles, angles, strict=True)):
        rank = (k + 0.5) / count
        kinds.append(_kind(rank, off, _off(middle, newest), rng))
    if count >= 20:
        green = [k for k in range(count) if 0.2 < (k + 0.5) / count < 0.6]
        kinds[min(green, key=lambda k: abs(angles[k] - 2.2))] = "park"
    return tuple(kinds)


def _kind(rank: float, industry: float, newest: float, rng: np.random.Generator) -> str:
    """Kind of one neighbourhood, from its rank (0-1) from the centre and two angles.

    The town grew outwards: rank is age. Money moved away from the industry.
    """
    draw = rng.random()
    if rank < 0.05:
        return "centre"
    if rank < 0.18:
        return "workers" if industry < 1.5 else "gentry"
    if rank < 0.66:
        return _kind_between(industry, draw, is_early=rank < 0.38)
    return _kind_outside(industry, newest, draw)


def _kind_between(industry: float, draw: float, *, is_early: bool) -> str:
    """Kind within the ring road: flats towards the industry, rows and courts elsewhere."""
    if industry < 1.4:
        return "flats" if draw < 0.57 else ("workers" if is_early else "rows")
    if is_early:
        return "gentry" if industry > 2.3 and draw < 0.5 else "rows"
    return "rows" if draw < 0.3 else ("flats" if draw < 0.4 else "courts")


def _kind_outside(industry: float, newest: float, draw: float) -> str:
    """Kind beyond the ring road: industry, the newest quarter, villas, and a last few flats."""
    if industry < 0.55:
        return "industry"
    if newest < 0.8:
        return "new"
    if industry > 2.0 and draw < 0.45:
        return "villas"
    return "country" if draw > 0.86 else ("flats" if draw < 0.12 else "courts")


def _parks(
    kinds: tuple[str, ...],
    neighbourhoods: tuple[shapely.Polygon, ...],
    railway: shapely.LineString,
    rng: np.random.Generator,
) -> tuple[tuple[shapely.Polygon, ...], tuple[shapely.Polygon, ...]]:
    """Draw a town park with a pond, and small parks in some neighbourhoods."""
    likely = {"gentry": 0.4, "flats": 0.45, "rows": 0.3, "courts": 0.4, "villas": 0.3, "new": 0.35}
    parks, ponds = [], []
    track = railway.buffer(20.0)
    for kind, outline in zip(kinds, neighbourhoods, strict=True):
        if kind == "park":
            parks.append(_largest(outline.difference(track)).buffer(-12.0))
            ponds.append(_blob(parks[-1], 0.13, rng))
        elif rng.random() < likely.get(kind, 0.0):
            parks.append(_blob(outline, rng.uniform(0.14, 0.24), rng).difference(track))
    whole = [shape for shape in parks if not shape.is_empty]
    return tuple(map(_largest, whole)), tuple(pond for pond in ponds if not pond.is_empty)


def _blob(within: shapely.Polygon, share: float, rng: np.random.Generator) -> shapely.Polygon:
    """Draw an uneven round shape inside another, its radius a share of the root of the area."""
    if within.is_empty:
        return shapely.Polygon()
    centre = within.point_on_surface()
    angle = np.arange(40) / 40.0 * 2.0 * np.pi
    wave = 1.0 + sum(
        rng.uniform(0.1, 0.55 / (k - 1)) * np.sin(k * angle + rng.uniform(0.0, 6.3)) for k in (2, 3)
    )
    radius = share * np.sqrt(within.area) * wave
    x, y = centre.x + radius * np.cos(angle), centre.y + radius * np.sin(angle)
    inside = shapely.Polygon(np.column_stack([x, y])).intersection(within.buffer(-8.0))
    return shapely.Polygon() if inside.is_empty else _largest(inside)
