"""Where refresh tokens are kept that providers give in place of those in the settings: in the desk's database."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk import Desk


@dataclass(frozen=True, slots=True)
class DeskVault:
    """For what has this name. To be called from threads that may wait."""

    desk: Desk
    name: str

    def kept(self, seed: str) -> str | None:
        """The one given last in place of this one."""
        return self.desk.grant(self.name, seed)

    def keep(self, seed: str, token: str) -> None:
        self.desk.keep_grant(self.name, seed, token)
