"""What gateways load when it is first used: see core.later."""

from core.later import later

__all__ = ["later"]
