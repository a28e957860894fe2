"""What comes and leaves by HTTP, apart from Slack's events."""
