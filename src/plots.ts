/**
 * The images in a notebook's outputs, ready to be shown as images and as nothing else.
 */

/** One image. */
export interface IPlot {
  /** The index of its cell among all cells. */
  cell: number;
  /** Its address, with the image in it. */
  url: string;
}

/** A notebook, as far as we look into it. */
export interface INotebook {
  cells: Array<{ outputs?: unknown }>;
}

/** What is in an output, by MIME type. */
interface IOutput {
  data?: { [mime: string]: unknown };
}

/** Image types, the sharpest first; an output has a plot in one of them or in several. */
const TYPES = ['image/svg+xml', 'image/png', 'image/jpeg', 'image/gif'];

/** The images of a notebook in order. */
export function plotsOf(notebook: INotebook): IPlot[] {
  return notebook.cells.flatMap((cell, index) =>
    outputsOf(cell.outputs)
      .map(urlOf)
      .filter((url): url is string => url !== null)
      .map(url => ({ cell: index, url }))
  );
}

function outputsOf(outputs: unknown): IOutput[] {
  return Array.isArray(outputs) ? (outputs as IOutput[]) : [];
}

function urlOf(output: IOutput): string | null {
  const data = output.data ?? {};
  const type = TYPES.find(mime => data[mime] !== undefined);
  if (type === undefined) {
    return null;
  }
  const text = textOf(data[type]);
  // As the source of an image an SVG runs no script and loads nothing.
  return type === 'image/svg+xml'
    ? `data:${type};charset=utf-8,${encodeURIComponent(text)}`
    : `data:${type};base64,${text.replace(/\s/g, '')}`;
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join('') : String(value);
}
