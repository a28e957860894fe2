"""Slack as customers' channel: `arriving` keeps what is said in their rooms, `reading` says what it is, `writing` how
answers look; `hands` does the jobs. `wire` is the Slack client, which the agents' side uses too.
"""
