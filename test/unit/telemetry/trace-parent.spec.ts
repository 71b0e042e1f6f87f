import { findTraceParent } from '../../../src/telemetry/trace-parent.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

describe('findTraceParent', () => {
  it.each([
    ['one that is sampled', `00-${TRACE_ID}-${SPAN_ID}-01`, 1],
    ['one that is not', `00-${TRACE_ID}-${SPAN_ID}-00`, 0],
    ['flags that are not known yet', `00-${TRACE_ID}-${SPAN_ID}-fe`, 0],
    ['a later version that says more', `cc-${TRACE_ID}-${SPAN_ID}-01-what-comes`, 1],
  ])('takes %s', (_what, header, traceFlags) => {
    expect(findTraceParent(header)).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags });
  });

  it.each([
    ['none', undefined],
    ['several', [`00-${TRACE_ID}-${SPAN_ID}-01`]],
    ['an invalid version', `ff-${TRACE_ID}-${SPAN_ID}-01`],
    ['more than the first version has', `00-${TRACE_ID}-${SPAN_ID}-01-more`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
    ['a span of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`],
    ['something else', 'hello'],
  ])('ignores %s', (_what, header) => {
    expect(findTraceParent(header)).toBeUndefined();
  });
});
