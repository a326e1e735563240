import type { KeysError } from '../request';
import { request } from '../request';
import { FakeServer, Refusal } from './fakeserver';

async function failureOf(promise: Promise<unknown>): Promise<KeysError> {
  return promise.then(
    () => {
      throw new Error('It should not have worked.');
    },
    error => error as KeysError
  );
}

describe('request', () => {
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
  });

  it('asks below our namespace at any base URL', async () => {
    server.on('GET status', () => ({ version: '1' }));
    const base = 'https://hub.example.com/user/demo/';
    expect(await request(server.settings(base), 'status')).toEqual({
      version: '1'
    });
  });

  it('leaves out what a query does not say', async () => {
    server.on('GET runs', () => ({ runs: [] }));
    const query = { incident: 'i 1&x', key: undefined, after: null };
    await request(server.settings(), 'runs', { query });
    const asked = server.calls[0].query;
    expect(asked.get('incident')).toBe('i 1&x');
    expect(asked.has('key')).toBe(false);
    expect(asked.has('after')).toBe(false);
  });

  it('sends a body as JSON', async () => {
    server.on('POST incidents', call => call.body);
    const body = { runbook: 'x', rehearsal: true };
    const options = { method: 'POST' as const, body };
    const reply = await request(server.settings(), 'incidents', options);
    expect(reply).toEqual(body);
  });

  it('gives an error of ours as it is', async () => {
    const body = {
      code: 'UNKNOWN_KEY',
      message: 'No key "x".',
      hint: 'Did you mean y?',
      request_id: 'r1'
    };
    server.on('GET keys/x', () => new Refusal(404, body));
    const error = await failureOf(request(server.settings(), 'keys/x'));
    expect(error).toMatchObject({
      code: 'UNKNOWN_KEY',
      message: 'No key "x".',
      hint: 'Did you mean y?',
      requestId: 'r1',
      status: 404
    });
  });

  it.each([
    [404, '<html></html>', 'SERVER_EXTENSION_MISSING'],
    [404, { message: 'Not Found' }, 'SERVER_EXTENSION_MISSING'],
    [403, '<html></html>', 'SERVER_FORBIDDEN'],
    [401, '', 'SERVER_FORBIDDEN'],
    [503, '<html>proxy</html>', 'SERVER_LOST']
  ])('names an answer %s %j of others', async (status, body, code) => {
    server.on('GET status', () => new Refusal(status, body));
    const error = await failureOf(request(server.settings(), 'status'));
    expect(error.code).toBe(code);
  });

  it('names an answer that is not JSON', async () => {
    server.on('GET status', () => '<html>login</html>');
    const error = await failureOf(request(server.settings(), 'status'));
    expect(error.code).toBe('REPLY_UNREADABLE');
  });

  it('names silence', async () => {
    server.down = true;
    const error = await failureOf(request(server.settings(), 'status'));
    expect(error.code).toBe('SERVER_LOST');
    expect(error.lost).toBe(true);
  });
});
