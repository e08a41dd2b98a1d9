import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repository, temporary } from './support/cli.js';
import { needing } from './support/needs.js';
import { typeErrors } from './support/type-check.js';

const fileOf = (name: string) => path.join(repository, 'examples/ci', name);
const textOf = (name: string) => readFileSync(fileOf(name), 'utf8');
const gitlabCiLocal = path.join(repository, 'node_modules/gitlab-ci-local/dist/index.js');
const isThere = (command: string) => spawnSync(command, ['--version']).error === undefined;
const itWithShellcheck = needing('shellcheck', isThere('shellcheck'));
const itWithSlurm = needing('sbatch of slurm-client', isThere('sbatch'));

/** What shellcheck says of a script; nothing if it finds nothing. */
const shellcheck = (script: string) =>
  spawnSync('shellcheck', ['--shell=bash', '-'], { input: script, encoding: 'utf8' }).stdout;

describe('the example for Kubernetes', () => {
  interface Manifest {
    spec: {
      completions: number;
      parallelism: number;
      template: { spec: { containers: { args: string[] }[] } };
    };
  }
  const text = textOf('kubernetes-robustness.yml');
  const manifest = parse(text) as Manifest;
  /** What Kubernetes' API says, by a schema: values by its validators, and fields that are none by its types. */
  const errorsOf = (given: string) => {
    const found = [];
    try {
      new Job(parse(given) as ConstructorParameters<typeof Job>[0]).validate();
    } catch (error) {
      found.push(String(error));
    }
    const literal = JSON.stringify(parse(given));
    const code = `import type { IJob } from 'kubernetes-models/batch/v1/Job';\nexport const job: IJob = ${literal};\n`;
    return [...found, ...typeErrors([{ page: 'job', line: 1, language: 'ts', text: code }])].join('\n');
  };

  it('is a job by the schema of its API, which finds what is wrong', () => {
    expect(errorsOf(text)).toBe('');
    expect(errorsOf(text.replace('completionMode', 'completionsMode'))).toContain('completionsMode');
    expect(errorsOf(text.replace('mountPath', 'mountpath'))).toContain('mountpath');
    expect(errorsOf(text.replace('completions: 4', "completions: '4'"))).toContain('must be integer');
  });

  it('has a pod for each shard', () => {
    const { completions, template } = manifest.spec;
    expect(template.spec.containers[0].args[0]).toContain(`--shard "$shard/${completions}"`);
    expect(text).toContain(Array.from({ length: completions }, (_, i) => `shard-${i + 1}`).join(' '));
  });

  itWithShellcheck('runs a script that shellcheck has nothing to say of', () => {
    expect(shellcheck(manifest.spec.template.spec.containers[0].args[0])).toBe('');
  });
});

describe('the example for GitHub', () => {
  const text = textOf('github-robustness.yml');
  /** What GitHub's own parser of workflows says. */
  const errorsOf = async (content: string) => {
    const { context, value } = parseWorkflow(
      { name: 'robustness.yml', content },
      new NoOperationTraceWriter(),
    );
    const errors = context.errors.getErrors().map(({ message }) => message);
    if (!value) return errors;
    const { errors: more = [] } = await convertWorkflowTemplate(context, value);
    return [...errors, ...more.map(({ Message }) => Message)];
  };

  it('is a workflow by its own parser, which finds what is wrong', async () => {
    expect(await errorsOf(text)).toEqual([]);
    expect(await errorsOf(text.replace('runs-on', 'run-on'))).not.toEqual([]);
    expect(await errorsOf(text.replace('needs: attack', 'needs: attacks'))).not.toEqual([]);
  });

  it('has a job for each shard', () => {
    const { matrix } = (parse(text) as { jobs: { attack: { strategy: { matrix: { shard: number[] } } } } })
      .jobs.attack.strategy;
    expect(text).toContain(`--shard \${{ matrix.shard }}/${matrix.shard.length} `);
    expect(text).toContain(`merge ${matrix.shard.map((i) => `shard-${i}`).join(' ')} `);
  });
});

describe.each(['gitlab-robustness.yml', 'gitlab-shards.yml'])('the example for GitLab, %s', (name) => {
  /** What GitLab's schema, and a program that runs its jobs on one machine, say. */
  const list = (text: string) => {
    const folder = temporary('gitlab');
    writeFileSync(path.join(folder, '.gitlab-ci.yml'), text);
    for (const args of [
      ['init', '-q'],
      ['remote', 'add', 'origin', 'git@example.org:a/b.git'],
    ])
      spawnSync('git', args, { cwd: folder });
    const { status, stdout, stderr } = spawnSync(process.execPath, [gitlabCiLocal, '--list'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    return { status, said: `${stdout}${stderr}` };
  };

  it('is sound by its schema, which finds what is wrong', () => {
    const { status, said } = list(textOf(name));
    expect([status, said]).toEqual([0, expect.stringMatching(/json schema validated/)]);
    if (name === 'gitlab-shards.yml') expect(said).toMatch(/(attack: \[\d\/4\].*\n){4}report .*\[attack\]/);
    expect(list(textOf(name).replace('artifacts:', 'artifact:')).said).toMatch(
      /'artifact' property is not expected/,
    );
  });
});

describe('the example for SLURM', () => {
  const text = textOf('slurm-robustness.sh');

  it('has a job for each shard', () => {
    const [, last] = /^#SBATCH --array=1-(\d+)$/m.exec(text)!;
    expect(text).toContain(`--shard "\${shard}/${last}"`);
    expect(text).toContain(Array.from({ length: Number(last) }, (_, i) => `shard-${i + 1}`).join(' '));
  });

  itWithShellcheck('is a script that shellcheck has nothing to say of', () => {
    expect(shellcheck(text)).toBe('');
    expect(shellcheck(text.replace('"${resume[@]}"', '${resume[@]}'))).toContain('SC2068');
  });

  itWithSlurm('has options that sbatch takes, which asks its controller then', () => {
    const folder = temporary('slurm');
    const settings = {
      ...{ ClusterName: 'test', SlurmctldHost: 'localhost', SlurmctldPort: 1, MessageTimeout: 1 },
      ...{ AuthType: 'auth/none', CredType: 'cred/none', NodeName: 'localhost', PartitionName: 'p' },
    };
    const [conf, script] = [path.join(folder, 'slurm.conf'), path.join(folder, 'job.sh')];
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(conf, lines.join('').replace('PartitionName=p', 'PartitionName=p Nodes=localhost'));
    const submit = (content: string) => {
      writeFileSync(script, content);
      const env = { ...process.env, SLURM_CONF: conf };
      return spawnSync('sbatch', ['--test-only', script], { env, encoding: 'utf8' }).stderr;
    };
    expect(submit(text)).toMatch(/^allocation failure: Unable to contact slurm controller/);
    expect(submit(text.replace('--requeue', '--requeues'))).toMatch(/unrecognized option '--requeues'/);
    expect(submit(text.replace('04:00:00', '4h'))).toMatch(/Invalid --time specification/);
  });
});
