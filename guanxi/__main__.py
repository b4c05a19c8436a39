"""`python -m guanxi`: the command line, where its script is not on the path."""

from guanxi.cli import main

if __name__ == "__main__":
    main()
