"""At which corners squaring counts: the point on which published variants of the score differ."""

from collections.abc import Mapping
from enum import Enum

from msasss.anatomy import CORNERS, Corner, Region, Vertebra
from msasss.scoring.citations import BARALIAKOS_2009, CREEMERS_2005, KIM_2008


class SquaringPolicy(Enum):
    """Where squaring counts. All lumbar corners count in each of them.

    ALL_BUT_C3: everywhere but at C3, whose anterior border is naturally straight (Creemers 2005).
    C5_C6: of the cervical corners those of C5 and C6 alone; the others look square in many or most healthy people
        (Kim 2008: C2 100 %, C3 85 to 93 %, C4 44 to 63 %, C7 and T1 40 to 63 %, but C5 and C6 3 to 15 %).
    NO_CERVICAL: at no cervical corner (RASSS, Baraliakos 2009).
    """

    ALL_BUT_C3 = "all-but-c3"
    C5_C6 = "c5-c6"
    NO_CERVICAL = "no-cervical"


_LUMBAR = frozenset(corner for corner in CORNERS if corner.region is Region.LUMBAR)

SQUARING_SITES: Mapping[SquaringPolicy, frozenset[Corner]] = {
    SquaringPolicy.ALL_BUT_C3: frozenset(corner for corner in CORNERS if corner.vertebra is not Vertebra.C3),
    SquaringPolicy.C5_C6: _LUMBAR | {corner for corner in CORNERS if corner.vertebra in (Vertebra.C5, Vertebra.C6)},
    SquaringPolicy.NO_CERVICAL: _LUMBAR,
}

SQUARING_CITATION: Mapping[SquaringPolicy, str] = {
    SquaringPolicy.ALL_BUT_C3: CREEMERS_2005,
    SquaringPolicy.C5_C6: KIM_2008,
    SquaringPolicy.NO_CERVICAL: BARALIAKOS_2009,
}
