import { plotsOf } from '../plots';

const display = (data: object): object => ({
  output_type: 'display_data',
  data
});

describe('plotsOf', () => {
  it('finds the images of a notebook with the cell of each', () => {
    const cells = [
      { cell_type: 'markdown' },
      {
        outputs: [
          { output_type: 'stream', text: 'x' },
          display({ 'image/png': 'aGk=\n', 'text/plain': '<Figure>' })
        ]
      },
      { outputs: [display({ 'image/svg+xml': ['<svg>', '"&</svg>'] })] }
    ];
    expect(plotsOf({ cells })).toEqual([
      { cell: 1, url: 'data:image/png;base64,aGk=' },
      {
        cell: 2,
        url: 'data:image/svg+xml;charset=utf-8,%3Csvg%3E%22%26%3C%2Fsvg%3E'
      }
    ]);
  });
});
