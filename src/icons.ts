/**
 * The icons of Keys, in the colours of the application's theme.
 */

import { LabIcon } from '@jupyterlab/ui-components';

import keySvg from '../style/icons/key.svg';
import runbookSvg from '../style/icons/runbook.svg';

/** A key: the panel, and everything of Keys without an icon of its own. */
export const keyIcon = new LabIcon({
  name: 'keys-jupyter:key',
  svgstr: keySvg
});

/** A runbook. */
export const runbookIcon = new LabIcon({
  name: 'keys-jupyter:runbook',
  svgstr: runbookSvg
});
