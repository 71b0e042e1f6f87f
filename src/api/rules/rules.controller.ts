import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RuleService } from '../../core/threads/rule-service.js';
import { NeedsScope } from '../../http/routing/route-metadata.js';
import { type View } from '../../http/view.js';
import { RuleListDto, toRuleList } from './rules.views.js';

@ApiTags('rules')
@Controller('api/v2/rules')
export class RulesController {
  constructor(private readonly service: RuleService) {}

  /** Those that amendments of approvals have left, and those that the operator has written; by file, in its order. */
  @ApiOperation({ summary: 'List rules' })
  @ApiOkResponse({ type: RuleListDto })
  @Get()
  async listRules(): Promise<View<RuleListDto>> {
    return toRuleList(await this.service.list());
  }

  /**
   * Takes it out of its file; comments and other rules stay. Threads go without it from their next turn on. A turn that runs
   * keeps it to its end, an ephemeral thread, and one whose commands run on in the background, until it is unloaded.
   */
  @ApiOperation({ summary: 'Delete a rule' })
  @ApiNoContentResponse()
  @NeedsScope('admin')
  @Delete(':rule_id')
  @HttpCode(204)
  async deleteRule(@Param('rule_id') ruleId: string): Promise<void> {
    await this.service.delete(ruleId);
  }
}
