/**
 * Commands on the catalogue, the marketplace and versions.
 */

import type { MarketActs, IMarketSurroundings } from '../market';
import { CommandIDs } from '../tokens';
import { args, text } from './schema';
import { given } from './surroundings';

/** Add the commands of the marketplace; what they do is loaded when the first of them is used. */
export function addMarketCommands(options: IMarketSurroundings): void {
  let made: Promise<MarketActs> | null = null;
  const acts = (): Promise<MarketActs> => {
    made ??= import('../market').then(
      ({ MarketActs }) => new MarketActs(options)
    );
    return made;
  };
  addCatalogueCommand(options);
  addSessionCommands(options, acts);
  addVersionCommands(options, acts);
}

function addSessionCommands(
  options: IMarketSurroundings,
  acts: () => Promise<MarketActs>
): void {
  const { commands, trans } = options;
  const add = (
    id: string,
    label: string,
    caption: string,
    act: (acts: MarketActs) => Promise<void>
  ): void => {
    commands.addCommand(id, {
      label,
      caption,
      describedBy: { args: args() },
      execute: async () => act(await acts())
    });
  };
  add(
    CommandIDs.signIn,
    trans.__('Sign In to a Marketplace…'),
    trans.__('With an API key, or once with e-mail and password'),
    market => market.signIn()
  );
  add(
    CommandIDs.signOut,
    trans.__('Sign Out of the Marketplace…'),
    trans.__('Forget the API key; installed keys stay'),
    market => market.signOut()
  );
  add(
    CommandIDs.showAccount,
    trans.__('Show the Marketplace Account'),
    trans.__('Who you are there, until when, and where the key is kept'),
    market => market.account()
  );
  add(
    CommandIDs.askMarketplace,
    trans.__('Ask the Marketplace Anew'),
    trans.__('Read its lists and your rights again'),
    market => market.ask()
  );
}

function addCatalogueCommand(options: IMarketSurroundings): void {
  const { commands, desk, trans, reveal } = options;
  commands.addCommand(CommandIDs.openCatalogue, {
    label: trans.__('Open the Catalogue'),
    caption: trans.__('Search and filter the keys of all sources'),
    describedBy: {
      args: args({
        'query?': text(trans.__('The words to look for; an alert as it came.'))
      })
    },
    execute: async values => {
      const query = given(values, 'query');
      if (query !== null) {
        const { marketOf } = await import('../models/market');
        marketOf(desk).browse.search(query);
      }
      desk.navigation.go({ view: 'catalogue' });
      await reveal();
    }
  });
}

function addVersionCommands(
  options: IMarketSurroundings,
  acts: () => Promise<MarketActs>
): void {
  const { commands, trans } = options;
  const slug = text(trans.__('The key; the one on screen when left out.'));
  const version = text(trans.__('The version.'));
  const add = (
    id: string,
    label: string,
    act: (acts: MarketActs, slug: string, version: string) => unknown
  ): void => {
    commands.addCommand(id, {
      label,
      isEnabled: values => keyOf(options, values) !== null,
      describedBy: { args: args({ 'slug?': slug, 'version?': version }) },
      execute: async values => {
        const key = keyOf(options, values);
        if (key !== null) {
          await act(await acts(), key, given(values, 'version') ?? '');
        }
      }
    });
  };
  add(CommandIDs.cancelInstall, trans.__('Cancel the Install'), (market, key) =>
    market.cancelInstall(key)
  );
  add(CommandIDs.updateKey, trans.__('Update This Key…'), (market, key, at) =>
    market.update(key, at || null)
  );
  add(
    CommandIDs.useVersion,
    trans.__('Use an Installed Version'),
    (market, key, at) => market.use(key, at)
  );
  add(CommandIDs.removeKey, trans.__('Remove a Version…'), (market, key, at) =>
    market.remove(key, at)
  );
  add(CommandIDs.buyKey, trans.__('Buy This Key…'), (market, key) =>
    market.buy(key)
  );
  add(
    CommandIDs.stopLooking,
    trans.__('Stop Looking for the Right to This Key'),
    (market, key) => market.stopLooking(key)
  );
}

/** The key that is named, or the one on screen. */
function keyOf(
  options: IMarketSurroundings,
  values: { [name: string]: unknown }
): string | null {
  const { place } = options.desk.navigation;
  return given(values, 'slug') ?? (place.view === 'key' ? place.slug : null);
}
