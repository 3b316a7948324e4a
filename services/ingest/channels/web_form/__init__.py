"""The web form: anyone can post it, so everything is bounded, counted and judged before it is read.

`door` answers, `bodies` takes requests apart, `written` finds their charset, `filled` says what is wrong with them,
`origins` and `rates` say who may.
"""
