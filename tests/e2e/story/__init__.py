"""The story, told from outside: customers write, agents answer, customers answer back, clocks run, surveys are filled in.

Each chapter plays its people against one desk and returns what they saw; `tests/e2e/test_story.py` judges it.
"""
