"""The board for whoever runs the desk, as code: `panel` says what a panel is, `rows` what is on it, `dashboard` makes Grafana's JSON.

`python -m deploy.board` writes deploy/grafana/boards/throughput.json; `--check` says whether it is up to date.
"""
