import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A path that is none is told in the form of all refusals. */
@Catch(NotFoundException)
export class NotFoundFilter implements ExceptionFilter {
  catch(_error: NotFoundException, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { method, url } = http.getRequest<FastifyRequest>();
    const [path = ''] = url.split('?');
    void http
      .getResponse<FastifyReply>()
      .code(404)
      .send({
        code: 'INVALID_ARGUMENTS',
        message: `there is nothing at ${method} ${path.slice(0, 200)}`,
        next: 'Call POST /mcp.',
      });
  }
}
