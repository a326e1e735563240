import pytest


@pytest.fixture(autouse=True)
def no_figure_outlives_its_test():
    """The keys leave their figures to the notebook that shows them; here nobody does."""
    yield
    from matplotlib import pyplot

    pyplot.close("all")
