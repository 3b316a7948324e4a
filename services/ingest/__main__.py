"""`python -m services.ingest`. Nothing is imported here: child processes read this file again when they start."""

if __name__ == "__main__":
    from services.verbs.one_service import main

    main("ingest")
