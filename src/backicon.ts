/**
 * The icon of the way back, which only the panel shows.
 */

import { LabIcon } from '@jupyterlab/ui-components';

import backSvg from '../style/icons/back.svg';

/** The way back. */
export const backIcon = new LabIcon({
  name: 'keys-jupyter:back',
  svgstr: backSvg
});
