"""Everything that is true: tickets, who should see them, what happens when nobody acts, what we say, and what we keep.

Read in this order: tickets (what a ticket is), effects (which work outside each event calls for), desk (everything
the desk can do), storage (what we keep), engine (who drains what, where and when).
"""
