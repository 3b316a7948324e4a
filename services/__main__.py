"""`python -m services <verb>`. Nothing is imported here: mail's child processes read this file again when they start."""

if __name__ == "__main__":
    from services.verbs.cli import main

    main()
