"""Windows in which supervisors set up calendars, promises, ladders and duties: one editor for all of them."""
