"""One account has one address, however its host is spelt."""

import pytest

from elearn.models.users import email_key
from tests.browsing import Browser
from tests.live import PASSWORD, CommandRefused, Live

SPELLINGS = [
    ["ana@b\u00fccher.example", "ana@xn--bcher-kva.example", "Ana@B\u00dcCHER.Example"],
    ["ana@bu\u0308cher.example", "ANA@XN--BCHER-KVA.EXAMPLE", " ana@b\u00fccher.example "],
    ["li@\u4f8b\u5b50.example", "li@xn--fsqu00a.example", "li@\u4f8b\u5b50\u3002example"],
    ["eva@stra\u00dfe.example", "eva@xn--strae-oqa.example"],
    ["bo@Example.ORG", "BO@example.org"],
]


@pytest.mark.parametrize("spellings", SPELLINGS)
def test_every_spelling_of_an_address_is_one(spellings: list[str]) -> None:
    keys = {email_key(spelling) for spelling in spellings}
    assert len(keys) == 1
    assert keys.pop().isascii()


def test_hosts_that_differ_stay_apart() -> None:
    assert email_key("eva@stra\u00dfe.example") != email_key("eva@strasse.example")
    assert email_key("\u00fc@example.org") != email_key("u@example.org")


@pytest.mark.parametrize("spellings", SPELLINGS[:4])
async def test_who_signs_up_in_one_spelling_signs_in_in_any(
    live: Live, spellings: list[str]
) -> None:
    account = {"email": spellings[0], "password": PASSWORD, "name": "Ana Li"}
    await live.api("POST", "/api/accounts", account)
    for spelling in spellings:
        with pytest.raises(CommandRefused) as refused:
            await live.api("POST", "/api/accounts", {**account, "email": spelling})
        assert refused.value.code == "name_taken"
        form = {"email": spelling, "password": PASSWORD, "next": "/"}
        assert (await Browser(live).submit("/sign-in", form)).code == 303, spelling
