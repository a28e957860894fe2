"""The command line, and the only place that puts core, bot, gateways and dashboard together."""
