"""desk.yaml: read, judged, compiled into a policy, compared with the one in force."""
