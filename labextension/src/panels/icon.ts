/** The panel's sign: a path of points that rises and is ticked. */

import { LabIcon } from '@jupyterlab/ui-components';

export const runsIcon = new LabIcon({
  name: 'jupyter-mlops:runs',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="none" stroke="#616161" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
    <path d="M3 19 9 12l4 4 8-10"/><circle cx="9" cy="12" r="1.6" fill="#616161"/><circle cx="13" cy="16" r="1.6" fill="#616161"/>
    <path d="M16 6h5v5"/>
  </g>
</svg>`
});

export const jobIcon = new LabIcon({
  name: 'jupyter-mlops:job',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161"><path d="M4 4h10v2H6v12h12v-4h2v6H4z"/><path d="M14 7l7 4-7 4z"/></g>
</svg>`
});
