import { beforeEach, describe, expect, it } from '@jest/globals';
import { OpenRequests } from './open-requests.js';

let requests: OpenRequests;
beforeEach(() => {
  requests = new OpenRequests(1_500);
});

describe('the messages that were asked for', () => {
  it('become fewer as they arrive, the oldest request first', () => {
    requests.asked(3, 0);
    requests.asked(2, 100);
    for (let count = 0; count < 4; count += 1) requests.arrived();
    expect(requests.outstanding).toBe(1);
    expect(requests.dropEnded(1_550)).toBe(false);
  });

  it('are never fewer than none', () => {
    requests.asked(1, 0);
    requests.arrived();
    requests.arrived();
    expect(requests.outstanding).toBe(0);
    requests.asked(2, 10);
    expect(requests.outstanding).toBe(2);
  });

  it('are not waited for once the server told that their request has ended', () => {
    requests.asked(5, 0);
    requests.asked(3, 100);
    requests.ended(5);
    expect(requests.outstanding).toBe(3);
    requests.ended(3);
    expect(requests.outstanding).toBe(0);
  });

  it('are not waited for once their request must have ended, told or not', () => {
    requests.asked(5, 0);
    requests.asked(3, 1_000);
    expect(requests.dropEnded(1_501)).toBe(true);
    expect(requests.outstanding).toBe(3);
    expect(requests.dropEnded(1_501)).toBe(false);
  });

  it('are counted right when the end that was told fits no request', () => {
    requests.asked(5, 0);
    requests.asked(3, 100);
    requests.ended(6);
    expect(requests.outstanding).toBe(2);
  });
});
