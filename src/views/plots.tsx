/**
 * The plots of an ended run: small beside one another, one of them large on demand.
 */

import * as React from 'react';

import type { Run } from '../contract';
import type { IRunMove, RunsModel } from '../models/run';
import type { IPlot } from '../plots';
import { Button } from './parts';
import { useSurroundings } from './surroundings';

/** The plots; nothing where the notebook has none or is gone. */
export function Plots(props: { run: Run }): JSX.Element {
  const { trans, actions } = useSurroundings();
  const { run } = props;
  const plots = usePlots(run);
  const [large, setLarge] = React.useState<number | null>(null);
  if (plots.length === 0) {
    return <></>;
  }
  const title = (plot: IPlot): string =>
    run.cells.find(cell => cell.index === plot.cell)?.title ?? '';
  return (
    <div>
      <div
        className="jp-Keys-plots"
        role="group"
        aria-label={trans.__('Plots')}
      >
        {plots.map((plot, index) => (
          <button
            key={index}
            type="button"
            aria-expanded={index === large}
            title={title(plot)}
            onClick={() => setLarge(index === large ? null : index)}
          >
            <img src={plot.url} alt={trans.__('Plot: %1', title(plot))} />
          </button>
        ))}
      </div>
      {large !== null && (
        <figure className="jp-Keys-plot">
          <img src={plots[large].url} alt={title(plots[large])} />
          <figcaption>
            <span className="jp-Keys-wrap">{title(plots[large])}</span>
            <Button
              look="plain"
              onClick={() => actions.openNotebook(run.id, plots[large].cell)}
            >
              {trans.__('Show in notebook')}
            </Button>
          </figcaption>
        </figure>
      )}
    </div>
  );
}

/** The images in the run's notebook, read again when the run moves. */
function usePlots(run: Run): IPlot[] {
  const { actions, desk } = useSurroundings();
  const [plots, setPlots] = React.useState<IPlot[]>([]);
  React.useEffect(() => {
    let shown = true;
    const read = (): void => {
      void actions.plots(run.notebook).then(found => shown && setPlots(found));
    };
    // The end of a run may be known a moment before its notebook is written.
    const look = (_: RunsModel, move: IRunMove): void => {
      if (move.run.id === run.id) {
        read();
      }
    };
    desk.runs.moved.connect(look);
    read();
    return () => {
      shown = false;
      desk.runs.moved.disconnect(look);
    };
  }, [run.id, run.notebook]);
  return plots;
}
