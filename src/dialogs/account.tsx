/**
 * Who one is at the marketplace, and leaving it.
 */

import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import '../../style/market.css';

import type { Session } from '../contract';
import { dayWords, hostWords, placeWords, tenantWords } from '../marketwords';

/** What a person wants of the account. */
export type Wish = 'out' | 'in' | null;

/** Show who one is; resolves to what a person wants to do about it. */
export async function showAccount(
  trans: TranslationBundle,
  session: Session
): Promise<Wish> {
  const other = Dialog.createButton({
    label: trans.__('Use another key…'),
    actions: ['in'],
    accept: false
  });
  const out = Dialog.createButton({
    label: trans.__('Sign out…'),
    actions: ['out'],
    accept: false
  });
  const { button } = await showDialog({
    title: trans.__('Account'),
    body: ReactWidget.create(<Facts trans={trans} session={session} />),
    buttons: [out, other, Dialog.okButton({ label: trans.__('Close') })],
    defaultButton: 2
  });
  const [wish] = button.actions;
  return wish === 'out' || wish === 'in' ? wish : null;
}

/** Ask whether to sign out, saying what stays. */
export async function confirmSignOut(
  trans: TranslationBundle,
  session: Session
): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Sign out of %1?', hostWords(session.marketplace)),
    body: trans.__(
      'The server forgets the key %1; where it was made by signing in here it is revoked as well. Installed keys, runs and evidence stay and work.',
      session.masked ?? ''
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Stay signed in') }),
      Dialog.warnButton({ label: trans.__('Sign out') })
    ],
    defaultButton: 0
  });
  return button.accept;
}

function Facts(props: {
  trans: TranslationBundle;
  session: Session;
}): JSX.Element {
  const { trans, session } = props;
  const rows: Array<[string, string]> = [
    [trans.__('Marketplace'), hostWords(session.marketplace)],
    [trans.__('API key'), session.masked ?? trans.__('none')],
    [
      trans.__('Signed in as'),
      session.tenant ? tenantWords(trans, session) : trans.__('not known')
    ],
    [
      trans.__('Ends'),
      session.expires_at ? dayWords(session.expires_at) : trans.__('not known')
    ],
    [trans.__('Kept in'), placeWords(trans, session.place)]
  ];
  return (
    <div className="jp-Keys-dialog">
      <dl>
        {rows.map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
      </dl>
      {session.message && (
        <p>
          <b>{session.message}</b> {session.hint}
        </p>
      )}
    </div>
  );
}
