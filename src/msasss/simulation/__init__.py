"""Simulated lateral spine radiographs with known corners and lesions.

`Layers` are the physical thicknesses of one simulated patient; `render` draws a film from them. What is simulated is
for development, training and tests; it says nothing about clinical performance.
"""

from msasss.simulation.appearance import SimulatedFilm, mirrored, render
from msasss.simulation.layers import Layers, load_layers, save_layers
from msasss.simulation.lesions import LesionPlan, draw_plan, plan_of
from msasss.simulation.spine import simulate_layers

__all__ = [
    "Layers",
    "LesionPlan",
    "SimulatedFilm",
    "draw_plan",
    "load_layers",
    "mirrored",
    "plan_of",
    "render",
    "save_layers",
    "simulate_layers",
]
