import type { IViewport } from '../models/windowing';
import { clamped, inSight, led, lettered, showing } from '../models/windowing';

function port(change: Partial<IViewport> = {}): IViewport {
  return { count: 10000, rowHeight: 40, top: 0, height: 400, ...change };
}

describe('inSight', () => {
  it('draws what is in sight and six rows around it', () => {
    expect(inSight(port())).toEqual({ first: 0, last: 16 });
    expect(inSight(port({ top: 4000 }))).toEqual({ first: 94, last: 116 });
    expect(inSight(port({ top: 4010 }))).toEqual({ first: 94, last: 117 });
  });

  it('ends with the last row, also scrolled beyond it', () => {
    expect(inSight(port({ top: 1e9 }))).toEqual({ first: 9984, last: 10000 });
  });

  it('draws few rows all, and none of none', () => {
    expect(inSight(port({ count: 3, top: 900 }))).toEqual({
      first: 0,
      last: 3
    });
    expect(inSight(port({ count: 0 }))).toEqual({ first: 0, last: 0 });
  });

  it('never draws more than fits and what is around it', () => {
    for (let top = 0; top < 400000; top += 777) {
      const { first, last } = inSight(port({ top }));
      expect(last - first).toBeLessThanOrEqual(23);
      expect(first * 40).toBeLessThanOrEqual(clamped(port({ top })));
      expect(last * 40).toBeGreaterThanOrEqual(clamped(port({ top })) + 400);
    }
  });
});

describe('showing', () => {
  it('stays where the row is whole in sight', () => {
    expect(showing(port({ top: 100 }), 5)).toBe(100);
  });

  it('scrolls as little as needed, up and down', () => {
    expect(showing(port({ top: 400 }), 2)).toBe(80);
    expect(showing(port(), 10)).toBe(40);
    expect(showing(port(), 9999)).toBe(399600);
  });
});

describe('led', () => {
  it('moves by one, by a page, to the ends, and not beyond', () => {
    const keys = ['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'];
    expect(keys.map(key => led(port(), 50, key))).toEqual([
      51, 49, 59, 41, 0, 9999
    ]);
    expect(led(port(), 0, 'ArrowUp')).toBe(0);
    expect(led(port(), 9999, 'PageDown')).toBe(9999);
    expect(led(port(), 0, 'Enter')).toBeNull();
  });
});

describe('lettered', () => {
  const titles = ['Alpha', 'beta', 'Bravo', 'gamma'];
  const titleOf = (row: number): string => titles[row];

  it('goes to the next title with the letter, and round again', () => {
    const few = port({ count: 4 });
    expect(lettered(titleOf, few, 0, 'b')).toBe(1);
    expect(lettered(titleOf, few, 1, 'B')).toBe(2);
    expect(lettered(titleOf, few, 2, 'b')).toBe(1);
    expect(lettered(titleOf, few, 0, 'x')).toBeNull();
  });
});
