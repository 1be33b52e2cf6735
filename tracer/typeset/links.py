"""Where the numbers of lines stand: each address is made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from tracer.refs import Moment, Ref, Visit, anchor_at, anchor_of, place_at
from tracer.typeset.markup import escaped


class OddAddressError(ValueError):
    """An address that HTML would not have as it is."""


class _OfVisit(dict[int, str]):
    """Where the numbers of a visit stand, by their spots.

    All stand on one page: where an address ends in the anchor of one, those of the others do.
    """

    def __init__(self, moment: Moment, address: Callable[[Ref], str]) -> None:
        super().__init__()
        self.moment, self.address, self.page = moment, address, ""

    def __missing__(self, spot: int) -> str:
        if self.page:
            found = self[spot] = self.page + anchor_at(spot)
            return found
        return self._found(spot)

    def _found(self, spot: int) -> str:
        found, anchor = self._asked(spot), anchor_at(spot)
        if found.endswith(f"#{anchor}"):
            self.page = found.removesuffix(anchor)
        self[spot] = found
        return found

    def _asked(self, spot: int) -> str:
        name, layer, index, after = place_at(spot)
        found = self.address(Ref(name, layer, index, self.moment, after))
        if found != escaped(found):
            raise OddAddressError(found)
        return found


class _OfMoment(_OfVisit):
    """The same of another moment: those of one name stand on one page.

    A weight before an update is computed as one after the update before.
    """

    def __init__(self, moment: Moment, address: Callable[[Ref], str]) -> None:
        super().__init__(moment, address)
        self.pages: dict[tuple[str, bool], tuple[str, bool]] = {}

    def _found(self, spot: int) -> str:
        name, layer, index, after = place_at(spot)
        known = self.pages.get((name, after))
        if known is not None:
            found = known[0] + anchor_of(name, layer, index, after=known[1])
        else:
            found = self._asked(spot)
            for marked in (False, True):
                anchor = anchor_of(name, layer, index, after=marked)
                if found.endswith(f"#{anchor}"):
                    self.pages[name, after] = found.removesuffix(anchor), marked
        self[spot] = found
        return found


class Links(dict[Moment, _OfVisit]):
    """Where numbers stand; OddAddressError for a line to be looked at.

    By moment and spot, which takes half of the time of a look-up by the two together.
    """

    def __init__(self, address: Callable[[Ref], str]) -> None:
        super().__init__()
        self.address = address

    def __missing__(self, moment: Moment) -> _OfVisit:
        kind = _OfVisit if type(moment) is Visit else _OfMoment
        found = self[moment] = kind(moment, self.address)
        return found
