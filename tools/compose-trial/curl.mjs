#!/usr/bin/env node
import { connect } from 'node:net';
import { exit } from 'node:process';

connect(2113, '127.0.0.1')
  .on('connect', () => exit(0))
  .on('error', () => exit(1));
