"""`python -m book_figures.classroom 3 8`: write and check notebooks to hand out and to mark."""

from book_figures.classroom.sets import main

if __name__ == "__main__":
    main()
