import { Models, Skills } from '../../core/engine/catalogue.js';
import { type Payload } from '../../core/engine/engine.js';
import { type EngineClient } from '../engine-client.js';

const PAGE = 100;

export class CodexModels extends Models {
  constructor(private readonly client: EngineClient) {
    super();
  }

  override async list(provider?: string): Promise<Payload[]> {
    const models: Payload[] = [];
    let cursor: unknown = null;
    do {
      const page = await this.client.ask('model/list', { limit: PAGE, cursor, model_provider: provider ?? null });
      models.push(...(page.data as Payload[]));
      cursor = page.next_cursor;
    } while (typeof cursor === 'string');
    return models;
  }
}

export class CodexSkills extends Skills {
  constructor(private readonly client: EngineClient) {
    super();
  }

  override async list(cwds: readonly string[], forceReload: boolean): Promise<Payload[]> {
    const params = { cwds, force_reload: forceReload };
    const { data } = await (forceReload
      ? this.client.askAll('skills/list', params)
      : this.client.ask('skills/list', params));
    return data as Payload[];
  }

  override async setEnabled({ path }: { path: string }, enabled: boolean): Promise<boolean> {
    const { effective_enabled: isEffective } = await this.client.askAll('skills/config/write', { path, enabled });
    return isEffective === true;
  }
}
