/**
 * The words for keys of a catalogue and for the session with a marketplace.
 */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { InstallProgress, KeyRow, Session } from './contract';
import { isDamaged, updateOf } from './models/filter';
import type { IStateWords } from './words';
import { sizeWords } from './words';

/** How a key stands, as a shape and a word; null when it is there to be installed. */
export function rowWords(
  trans: TranslationBundle,
  row: KeyRow,
  installing: boolean
): IStateWords | null {
  if (isDamaged(row)) {
    return { shape: 'failed', word: trans.__('Damaged entry') };
  }
  if (installing) {
    return { shape: 'now', word: trans.__('Installing') };
  }
  if (row.installed.length > 0) {
    return { shape: 'ok', word: trans.__('Installed') };
  }
  if (row.blocked) {
    return { shape: 'forbidden', word: trans.__('No download') };
  }
  return row.entitled ? null : rightWords(trans, row);
}

function rightWords(trans: TranslationBundle, row: KeyRow): IStateWords {
  if (row.right === 'expired') {
    const word = row.right_until
      ? trans.__('Expired %1', dayWords(row.right_until))
      : trans.__('Expired');
    return { shape: 'clock', word };
  }
  return row.right === 'none'
    ? { shape: 'lock', word: trans.__('Not entitled') }
    : { shape: 'lock', word: trans.__('Right not known') };
}

/** Why a key cannot be had: what is so, and what that means. */
export function reasonWords(
  trans: TranslationBundle,
  row: KeyRow,
  session: Session | null
): { title: string; text: string } {
  if (row.blocked) {
    const title = isDamaged(row)
      ? trans.__('Damaged entry.')
      : trans.__('It cannot be installed.');
    return { title, text: row.blocked };
  }
  if (session?.state === 'signed_out') {
    return {
      title: trans.__('You are not signed in.'),
      text: trans.__(
        'Sign in at %1 to see whether you have the right to this key.',
        hostWords(session.marketplace)
      )
    };
  }
  switch (row.right) {
    case 'expired':
      return {
        title: row.right_until
          ? trans.__('The right ended on %1.', dayWords(row.right_until))
          : trans.__('The right has ended.'),
        text: trans.__('What is installed stays and runs.')
      };
    case 'none':
      return {
        title: trans.__('Not entitled.'),
        text: session?.tenant
          ? trans.__(
              'The marketplace lists no right of %1 to this key.',
              tenantWords(trans, session)
            )
          : trans.__('The marketplace lists no right of yours to this key.')
      };
    default:
      return {
        title: trans.__('The right is not known.'),
        text: trans.__(
          'The marketplace has not yet answered for you. Ask again when it can be reached.'
        )
      };
  }
}

/** What an update is called. */
export function updateWords(trans: TranslationBundle, row: KeyRow): string {
  const version = updateOf(row) ?? '';
  return row.breaking
    ? trans.__('Update to %1, breaking', version)
    : trans.__('Update to %1', version);
}

/** How far an install is. */
export function progressWords(
  trans: TranslationBundle,
  going: InstallProgress
): string {
  if (going.waiting) {
    return trans.__('Waiting for another install of this key');
  }
  if (going.bytes === 0) {
    return trans.__('Asking for it');
  }
  const done = sizeWords(trans, going.bytes);
  return going.total === null
    ? trans.__('%1 fetched', done)
    : trans.__('%1 of %2', done, sizeWords(trans, going.total));
}

/** The host of a marketplace, by which a person knows it. */
export function hostWords(address: string | null): string {
  try {
    return new URL(address ?? '').host;
  } catch {
    return address ?? '';
  }
}

/** For whom a marketplace answers; an id is shortened to its end. */
export function tenantWords(
  trans: TranslationBundle,
  session: Session
): string {
  const id = session.tenant ?? '';
  const name = /^[0-9a-f-]{20,}$/i.test(id) ? `…${id.slice(-4)}` : id;
  return session.tenant_type === 'user'
    ? trans.__('account %1', name)
    : trans.__('organisation %1', name);
}

/** The session in one quiet line. */
export function sessionWords(
  trans: TranslationBundle,
  session: Session,
  heard: { since: string | null; now: number }
): string {
  const host = hostWords(session.marketplace);
  switch (session.state) {
    case 'valid':
      return session.tenant
        ? trans.__(
            'Signed in as %1 · %2',
            tenantWords(trans, session),
            session.masked ?? ''
          )
        : trans.__('Signed in · %1', session.masked ?? '');
    case 'invalid':
      return trans.__('%1 does not accept your key', host);
    case 'unreachable':
      return heard.since === null
        ? trans.__('%1 cannot be reached', host)
        : trans.__(
            '%1 cannot be reached; shown is what was heard %2 ago',
            host,
            ageWords(trans, heard.now - Date.parse(heard.since))
          );
    default:
      return trans.__('Not signed in at %1', host);
  }
}

/** Where a credential lives. */
export function placeWords(
  trans: TranslationBundle,
  place: string | null
): string {
  switch (place) {
    case 'environment':
      return trans.__('The surroundings of this server');
    case 'keyring':
      return trans.__('The keyring of this server’s computer');
    case 'file':
      return trans.__('A private file of this server');
    case 'memory':
      return trans.__('The memory of this server, until it ends');
    default:
      return place ?? trans.__('Nowhere');
  }
}

/** What stood in the way of an answer; empty when the code does not say. */
export function obstacleWords(trans: TranslationBundle, code: string): string {
  switch (code) {
    case 'UNREACHABLE_TLS':
      return trans.__('The marketplace could not be reached: TLS.');
    case 'UNREACHABLE_PROXY':
      return trans.__('The marketplace could not be reached: proxy.');
    case 'UNREACHABLE_DNS':
      return trans.__('The marketplace could not be reached: no address.');
    case 'UNREACHABLE_TIMEOUT':
      return trans.__('The marketplace could not be reached: no answer.');
    case 'UNREACHABLE_REFUSED':
      return trans.__('The marketplace could not be reached: nothing listens.');
    default:
      return trans.__('The marketplace could not be reached.');
  }
}

/** A span, as coarse as a person needs it. */
export function ageWords(trans: TranslationBundle, ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60000));
  if (minutes < 1) {
    return trans.__('less than 1 min');
  }
  if (minutes < 60) {
    return trans.__('%1 min', minutes);
  }
  return minutes < 2880
    ? trans.__('%1 h', Math.round(minutes / 60))
    : trans.__('%1 days', Math.round(minutes / 1440));
}

/** A day as people write it. */
export function dayWords(at: string): string {
  return at.slice(0, 10);
}
