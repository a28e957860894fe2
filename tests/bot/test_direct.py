"""Who writes to the desk itself is told where to write, unless the rulebook lets customers do so."""

from __future__ import annotations

from tests.bot.office import ANN, Office


async def test_who_writes_to_the_desk_itself_is_told_once_where_to_write(office: Office) -> None:
    box = office.sandbox
    petra = (await box.new_person("Petra Sales"))["user"]
    for user in (ANN, petra):
        direct = (await box.open_dm(user, "U0DESKBELL"))["room"]
        await box.say(user, direct, "My printer is on fire.")
        await office.told(user, "Nobody reads what you write here.")
        await box.say(user, direct, "Really!")
    await office.quiet()
    assert [said for said in office.whispers(ANN) if "/desk help" in said and "Nobody reads" in said]
    told = [said for said in office.whispers(petra) if "Nobody reads" in said]
    assert len(told) == 1
    assert "support@desk.example" in told[0]
