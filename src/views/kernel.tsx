/**
 * Which kernel a run gets: the notebook's, unless a person says otherwise.
 */

import * as React from 'react';

import { Fold } from './parts';
import type { IKernel } from './surroundings';
import { useSurroundings } from './surroundings';

const LIMIT_ID = 'jp-Keys-limit';

/** The kernels of this server; empty until they are known. */
export function useKernels(): IKernel[] {
  const { actions } = useSurroundings();
  const [kernels, setKernels] = React.useState<IKernel[]>([]);
  React.useEffect(() => {
    void actions.kernels().then(setKernels);
  }, []);
  return kernels;
}

/** A kernel as a person knows it. */
export function kernelTitle(kernels: IKernel[], name: string): string {
  return kernels.find(kernel => kernel.name === name)?.title ?? name;
}

/** The choice, folded: nearly always the notebook is right. */
export function KernelChoice(props: {
  own: string;
  kernels: IKernel[];
  chosen: string | null;
  limit: number | null;
  onChange: (kernel: string | null) => void;
  onLimit: (seconds: number | null) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { own, kernels, chosen, limit } = props;
  const missing =
    kernels.length > 0 && !kernels.some(kernel => kernel.name === own);
  return (
    <Fold
      title={trans.__('Kernel and time limit')}
      aside={
        limit === null
          ? kernelTitle(kernels, chosen ?? own)
          : trans.__('%1, %2 s', kernelTitle(kernels, chosen ?? own), limit)
      }
      open={missing}
    >
      <div className="jp-Keys-form">
        <div className="jp-Keys-field">
          <select
            aria-label={trans.__('Kernel')}
            value={chosen ?? ''}
            onChange={event => props.onChange(event.target.value || null)}
          >
            <option value="">
              {missing
                ? trans.__('As the notebook says: %1, not on this server', own)
                : trans.__(
                    'As the notebook says: %1',
                    kernelTitle(kernels, own)
                  )}
            </option>
            {kernels
              .filter(kernel => kernel.name !== own)
              .map(kernel => (
                <option key={kernel.name} value={kernel.name}>
                  {kernel.title}
                </option>
              ))}
          </select>
          <p className="jp-Keys-help">
            {trans.__('The run is recorded with the kernel it had.')}
          </p>
        </div>
        <TimeLimit limit={limit} onLimit={props.onLimit} />
      </div>
    </Fold>
  );
}

/** After how many seconds the run is stopped. */
function TimeLimit(props: {
  limit: number | null;
  onLimit: (seconds: number | null) => void;
}): JSX.Element {
  const { trans } = useSurroundings();
  const { limit } = props;
  return (
    <div className="jp-Keys-field">
      <div className="jp-Keys-fieldLabel">
        <label htmlFor={LIMIT_ID}>{trans.__('Stop it after')}</label>
        <span>{trans.__('from 1 s · optional')}</span>
      </div>
      <input
        id={LIMIT_ID}
        type="number"
        min={1}
        step={1}
        placeholder={trans.__('Not set')}
        value={limit ?? ''}
        onChange={event => {
          const seconds = Number(event.target.value);
          props.onLimit(seconds >= 1 ? seconds : null);
        }}
      />
      <p className="jp-Keys-help">
        {trans.__('Not set means: as long as it takes.')}
      </p>
    </div>
  );
}
