"""A Slack workspace, customers' mailboxes and phones on this machine, for newcomers and for end-to-end tests."""

from sandbox.door import Sandbox
from sandbox.errors import SandboxError

__all__ = ["Sandbox", "SandboxError"]
