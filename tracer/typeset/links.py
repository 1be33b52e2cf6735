"""Where the numbers of lines stand: each address is made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from tracer.refs import ANCHORS, Moment, Ref, Visit, place_at
from tracer.typeset.markup import escaped

_Page = tuple[str, dict[int, str]]
"""What stands before the anchors of numbers, and these by their spots."""


class OddAddressError(ValueError):
    """An address that HTML would not have as it is."""


class _OfMoment(dict[int, str]):
    """Where the numbers of a moment stand, by their spots.

    Those of one name stand on one page, with their own anchors or, such as weights before an
    update, with those that they have after the one before: one address tells those of the others.
    """

    def __init__(self, moment: Moment, address: Callable[[Ref], str]) -> None:
        super().__init__()
        self.moment, self.address = moment, address
        self.pages: tuple[dict[str, _Page], ...] = ({}, {})

    def __missing__(self, spot: int) -> str:
        name, _, _, after = place_at(spot)
        known = self.pages[after].get(name)
        found = self[spot] = self._asked(spot) if known is None else known[0] + known[1][spot]
        return found

    def _asked(self, spot: int) -> str:
        name, layer, index, after = place_at(spot)
        found = self.address(Ref(name, layer, index, self.moment, after))
        if found != escaped(found):
            raise OddAddressError(found)
        for anchors in ANCHORS:
            if found.endswith(f"#{anchors[spot]}"):
                self.pages[after][name] = found.removesuffix(anchors[spot]), anchors
        return found


class _OfVisit(_OfMoment):
    """Where the numbers of a visit stand: all on one page."""

    def __init__(self, moment: Moment, address: Callable[[Ref], str]) -> None:
        super().__init__(moment, address)
        self.page = ""

    def __missing__(self, spot: int) -> str:
        after = place_at(spot)[3]
        if self.page:
            found = self[spot] = self.page + ANCHORS[after][spot]
            return found
        found, anchor = self._asked(spot), ANCHORS[after][spot]
        if found.endswith(f"#{anchor}"):
            self.page = found.removesuffix(anchor)
        self[spot] = found
        return found


class Links(dict[Moment, _OfMoment]):
    """Where numbers stand; OddAddressError for a line to be looked at.

    By moment and spot, which takes half of the time of a look-up by the two together.
    """

    def __init__(self, address: Callable[[Ref], str]) -> None:
        super().__init__()
        self.address = address

    def __missing__(self, moment: Moment) -> _OfMoment:
        kind = _OfVisit if type(moment) is Visit else _OfMoment
        found = self[moment] = kind(moment, self.address)
        return found
