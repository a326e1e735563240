/**
 * A dialog with a few fields, where one line of text is not enough.
 */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import '../style/asking.css';

/** A field of a dialog. */
export interface IField {
  name: string;
  label: string;
  /** One line, several lines, or a number of minutes. */
  kind?: 'line' | 'text' | 'minutes';
  required?: boolean;
  value?: string;
}

/** Answers by field. */
export type Answers = { [name: string]: string };

/** Ask for several things at once; null when nobody wants to say. */
export async function askFields(options: {
  title: string;
  okLabel: string;
  cancelLabel: string;
  body?: string;
  fields: IField[];
}): Promise<Answers | null> {
  const { value, button } = await showDialog({
    title: options.title,
    body: new Fields(options.fields, options.body ?? ''),
    focusNodeSelector: 'input, textarea',
    buttons: [
      Dialog.cancelButton({ label: options.cancelLabel }),
      Dialog.okButton({ label: options.okLabel })
    ]
  });
  if (!button.accept || value === null) {
    return null;
  }
  const missing = options.fields.filter(
    field => field.required && value[field.name] === ''
  );
  return missing.length > 0
    ? askFields({ ...options, fields: kept(options.fields, value) })
    : value;
}

/** What was typed already is not asked for again. */
function kept(fields: IField[], typed: Answers): IField[] {
  return fields.map(field => ({ ...field, value: typed[field.name] }));
}

/** The fields of a dialog. */
class Fields extends Widget implements Dialog.IBodyWidget<Answers> {
  constructor(fields: IField[], text: string) {
    super();
    this.addClass('jp-Keys-asking');
    if (text) {
      const line = document.createElement('p');
      line.textContent = text;
      this.node.append(line);
    }
    fields.forEach(field => this._add(field));
  }

  /** What was typed. */
  getValue(): Answers {
    const typed = [...this._controls].map(([name, control]) => [
      name,
      control.value.trim()
    ]);
    return Object.fromEntries(typed) as Answers;
  }

  protected override onAfterAttach(): void {
    document.addEventListener('keydown', this._onKey, true);
  }

  protected override onBeforeDetach(): void {
    document.removeEventListener('keydown', this._onKey, true);
  }

  /** A dialog keeps Enter from fields of several lines; there it ends a line, and with Ctrl or Cmd it is the answer. */
  private _onKey = (event: KeyboardEvent): void => {
    if (
      event.key === 'Enter' &&
      event.target instanceof HTMLTextAreaElement &&
      this.node.contains(event.target)
    ) {
      event.stopImmediatePropagation();
      if (event.ctrlKey || event.metaKey) {
        this.node
          .closest('.jp-Dialog')
          ?.querySelector<HTMLElement>('.jp-mod-accept')
          ?.click();
      }
    }
  };

  private _add(field: IField): void {
    const label = document.createElement('label');
    label.append(field.label);
    const control = document.createElement(
      field.kind === 'text' ? 'textarea' : 'input'
    );
    if (control instanceof HTMLInputElement) {
      control.type = field.kind === 'minutes' ? 'number' : 'text';
      control.min = '1';
    } else {
      control.rows = 4;
    }
    control.value = field.value ?? '';
    control.required = field.required ?? false;
    control.setAttribute(
      'aria-invalid',
      String(field.value === '' && field.required === true)
    );
    label.append(control);
    this.node.append(label);
    this._controls.set(field.name, control);
  }

  private _controls = new Map<string, HTMLInputElement | HTMLTextAreaElement>();
}
