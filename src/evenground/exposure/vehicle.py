"""Sound that a passing car gives off on dense asphalt, by its speed.

The light class of the Dutch coefficients of CNOSSOS-EU. The emission table
from which measures are computed also holds medium and heavy vehicles and other
surfaces; their coefficients are not shipped, only the result. Those below give
the sound power of the evidence to 0.001 dB, from 30 to 70 km/h.

References
----------
Omgevingsregeling, annex XXXIII: Dutch coefficients of CNOSSOS-EU, as carried
in the open noise package NoiseModelling.
"""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

REFERENCE_KMH = 70.0
A_WEIGHTING_DB = np.array([-26.2, -16.1, -8.6, -3.2, 0.0, 1.2, 1.0, -1.1])
"""Of the octave bands 63 Hz to 8 kHz (octave,), IEC 61672."""
ROLLING_DB = np.array([83.4, 86.8, 86.1, 92.5, 99.8, 96.6, 85.8, 76.2])
"""A_R: rolling noise at 70 km/h (octave,)."""
ROLLING_SLOPE_DB = np.array([39.2, 37.5, 32.2, 18.4, 24.9, 25.8, 32.1, 35.1])
"""B_R: its rise per tenfold of the speed."""
ENGINE_DB = np.array([98.0, 90.3, 89.7, 88.3, 86.8, 89.7, 85.1, 78.0])
"""A_P: propulsion noise at 70 km/h."""
ENGINE_SLOPE_DB = np.array([2.8, 6.1, 5.6, 5.4, 5.1, 3.5, 5.3, 6.3])
"""B_P: its rise from standing still to 70 km/h."""


def light_vehicle_db(speed_kmh: Float) -> Float:
    r"""Return the A-weighted sound power of one light vehicle, in dB re 1 pW.

    Parameters
    ----------
    speed_kmh : any shape
        30 to 130 km/h.

    Notes
    -----
    On the reference surface, and summed over the octave bands by energy:

    .. math:: L_R = A_R + B_R \lg\tfrac{v}{70}, \quad L_P = A_P + B_P \tfrac{v - 70}{70}, \quad
        L_W = 10 \lg \sum_f \left( 10^{L_R/10} + 10^{L_P/10} \right) 10^{A_f/10}
    """
    speed = np.asarray(speed_kmh, np.float64)[..., None]
    rolling = ROLLING_DB + ROLLING_SLOPE_DB * np.log10(speed / REFERENCE_KMH)
    engine = ENGINE_DB + ENGINE_SLOPE_DB * (speed - REFERENCE_KMH) / REFERENCE_KMH
    energy = (10.0 ** (rolling / 10.0) + 10.0 ** (engine / 10.0)) * 10.0 ** (A_WEIGHTING_DB / 10.0)
    return np.asarray(10.0 * np.log10(energy.sum(axis=-1)))
