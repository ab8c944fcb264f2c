"""How long to wait after a failure."""

import random

from msasss.apps.node.config import Retry


def delay_s(retry: Retry, failures: int) -> float:
    """Return the delay after so many failures in a row, at least one: doubled each time, less up to half at random.

    The random part keeps many results from reaching a target at the same moment when it is back.
    """
    longest = min(retry.longest_s, retry.first_s * 2.0 ** min(failures - 1, 32))
    return longest * random.uniform(0.5, 1.0)
