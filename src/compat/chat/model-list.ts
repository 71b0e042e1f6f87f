import { Injectable } from '@nestjs/common';
import { Models } from '../../core/engine/catalogue.js';
import { Configuration } from '../../core/engine/configuration.js';
import { type Payload } from '../../core/engine/engine.js';
import { DialectSettings } from '../../http/dialects/dialect-settings.js';
import { toModelCards, type ModelCard, type ModelChoice } from './model-cards.js';

/** The models that can be named in a request. */
@Injectable()
export class ModelList {
  readonly #models: Models;
  readonly #configuration: Configuration;
  readonly #settings: DialectSettings;

  constructor(models: Models, configuration: Configuration, settings: DialectSettings) {
    this.#models = models;
    this.#configuration = configuration;
    this.#settings = settings;
  }

  /** The configured model first, then the catalogue; with the variants by effort where the operator shows them. */
  async list(): Promise<ModelCard[]> {
    const cards = await this.#all();
    return this.#settings.isExposingReasoningModels ? cards : cards.filter(({ effort }) => effort === null);
  }

  /** A model or a variant, shown or not. */
  async find(id: string): Promise<ModelCard | undefined> {
    return (await this.#all()).find((card) => card.id === id);
  }

  /** What the engine is to be told: nothing for no name. A name that nobody knows is the provider's to judge. */
  async choose(id: string | undefined): Promise<ModelChoice> {
    const card = id === undefined ? undefined : await this.find(id);
    return card ? { model: card.model, effort: card.effort } : { model: id, effort: null };
  }

  async #all(): Promise<ModelCard[]> {
    const [models, { config }] = await Promise.all([
      this.#models.list(),
      this.#configuration.read({ includeLayers: false }),
    ]);
    return toModelCards(models, config as Payload);
  }
}
