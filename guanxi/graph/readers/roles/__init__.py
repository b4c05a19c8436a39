"""What the rows of each kind of file become: accounts, follows, interactions."""
