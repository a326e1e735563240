import type { Place } from '../models/navigation';
import { NavigationModel } from '../models/navigation';

const key = (slug: string): Place => ({ view: 'key', slug });
const runbook = (slug: string): Place => ({ view: 'runbook', slug });
const incident = (look: string | null): Place => ({
  view: 'incident',
  id: 'i1',
  tab: 'steps',
  look
});

describe('NavigationModel', () => {
  let navigation: NavigationModel;

  beforeEach(() => {
    navigation = new NavigationModel();
  });

  it('begins at home, from where nothing leads back', () => {
    expect(navigation.place).toEqual({ view: 'home' });
    expect(navigation.canGoBack).toBe(false);
    navigation.back();
    expect(navigation.place).toEqual({ view: 'home' });
  });

  it('goes back the way it came', () => {
    navigation.go(runbook('a'));
    navigation.go(key('b'));
    navigation.back();
    expect(navigation.place).toEqual(runbook('a'));
    navigation.back();
    expect(navigation.place).toEqual({ view: 'home' });
  });

  it('is never more than two away from home', () => {
    navigation.go(runbook('a'));
    navigation.go(key('b'));
    navigation.go(key('c'));
    expect(navigation.trail.length).toBe(3);
    expect(navigation.place).toEqual(key('c'));
  });

  it('changes a view in place instead of stacking it on itself', () => {
    navigation.go(incident(null));
    navigation.go(incident('diagnosis-4'));
    expect(navigation.trail.length).toBe(2);
    expect(navigation.place).toEqual(incident('diagnosis-4'));
  });

  it('goes back to a view that is on the way already', () => {
    navigation.go(incident(null));
    navigation.go(key('b'));
    navigation.go(incident(null));
    expect(navigation.trail.length).toBe(2);
  });

  it('shows the step of a notebook, and brings back what was there', () => {
    navigation.go(runbook('a'));
    navigation.showNotebook();
    expect(navigation.place).toEqual({ view: 'notebook' });
    navigation.leaveNotebook();
    expect(navigation.place).toEqual(runbook('a'));
  });

  it('leaves alone what a person opened from the notebook’s step', () => {
    navigation.showNotebook();
    navigation.go(key('b'));
    navigation.leaveNotebook();
    expect(navigation.place).toEqual(key('b'));
  });

  it('takes up a trail after a reload', () => {
    navigation.restore([{ view: 'home' }, runbook('a')]);
    expect(navigation.trail).toEqual([{ view: 'home' }, runbook('a')]);
  });
});
