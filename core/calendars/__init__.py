"""When there is work: hours of the week in a zone, days on which they are otherwise, and how much of a span is work.

Knowledge without words and without I/O, below routing and escalation, which both ask it.
"""
